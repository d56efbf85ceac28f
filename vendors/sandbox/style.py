"""How the sandbox's page looks."""

STYLE = """
:root { --ink: #1c2430; --soft: #5b6675; --line: #dfe4ec; --page: #f4f6f9;
        --accent: #1f5fbf; --danger: #b3261e; }
* { box-sizing: border-box; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0; color: var(--ink);
       background: var(--page); }
header { background: var(--ink); color: #fff; padding: .6rem 1.5rem; display: flex;
         gap: 2rem; align-items: baseline; flex-wrap: wrap; position: sticky; top: 0; }
h1 { font-size: 1.1rem; margin: 0; }
nav a { color: #cfd8e6; margin-right: 1rem; text-decoration: none; }
nav a:hover { color: #fff; }
main { max-width: 76rem; margin: 1rem auto; padding: 0 1.5rem; }
section { background: #fff; border: 1px solid var(--line); border-radius: 8px;
          padding: .8rem 1.2rem 1rem; margin-bottom: 1rem; scroll-margin-top: 3.5rem; }
h2 { font-size: 1.1rem; margin: .2rem 0 .4rem; }
h3 { font-size: .9rem; margin: .9rem 0 .3rem; color: var(--soft); }
p { margin: .3rem 0; }
.bar { display: flex; gap: 1rem; align-items: center; flex-wrap: wrap; }
.box { display: flex; gap: .6rem .9rem; flex-wrap: wrap; align-items: end;
       margin: .5rem 0; padding: .7rem; background: var(--page); border-radius: 6px; }
.box label { display: flex; flex-direction: column; font-size: .8rem;
             color: var(--soft); }
.box .hint { flex-basis: 100%; }
form { display: inline-block; margin: 0; }
form.box { display: flex; }
button, select, input { font: inherit; padding: .25rem .5rem; border-radius: 5px;
                        border: 1px solid #b9c2cf; background: #fff;
                        color: var(--ink); }
input { width: 6rem; } input.wide { width: 15rem; }
button { cursor: pointer; background: var(--accent); border-color: var(--accent);
         color: #fff; }
td button { padding: 0 .5rem; }
button.danger { background: #fff; border-color: var(--danger); color: var(--danger); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0; font-size: .85rem; }
th { text-align: left; color: var(--soft); font-weight: 600; white-space: nowrap; }
th, td { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line);
         vertical-align: top; }
code { font-size: .85em; background: var(--page); padding: .05rem .3rem;
       border-radius: 4px; overflow-wrap: anywhere; }
.count { border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .6rem;
         margin-right: .2rem; white-space: nowrap; }
.hint { color: var(--soft); font-size: .85rem; }
.notice { background: #fdecea; border: 1px solid var(--danger); color: var(--danger);
          border-radius: 6px; padding: .5rem .8rem; }
summary { cursor: pointer; color: var(--accent); }
"""
