"""Our guides as HTML: what they are written in, and nothing that could act."""

from procurement.markdown import anchor, to_html


def links(target: str) -> str:
    return target if target.startswith("#") else ""


def html(text: str) -> str:
    return str(to_html(text, links))


def test_headings_carry_the_anchor_that_links_name() -> None:
    assert html("## Mails don't go out") == (
        '<h3 id="mails-dont-go-out">Mails don&#x27;t go out</h3>'
    )
    assert anchor("not_gone_out") == "not_gone_out"


def test_lines_of_a_paragraph_are_one() -> None:
    assert html("one\ntwo\n\nthree") == "<p>one two</p>\n<p>three</p>"


def test_bold_italic_and_code() -> None:
    assert html("**a** *b* `*c*`") == "<p><b>a</b> <i>b</i> <code>*c*</code></p>"


def test_links_lead_where_they_may_and_are_words_elsewhere() -> None:
    assert html("[here](#x), [there](alarms.md)") == (
        '<p><a href="#x">here</a>, there</p>'
    )


def test_a_list_holds_lists_and_blocks() -> None:
    block = "  ```sh\n  ls <x>\n  ```\n"
    text = f"- one\n  goes on:\n\n{block}\n  after\n- two\n  1. a\n  2. b\n"
    assert html(text) == (
        "<ul><li>one goes on:<pre><code>ls &lt;x&gt;</code></pre>\n<p>after</p></li>"
        "<li>two<ol><li>a</li><li>b</li></ol></li></ul>"
    )


def test_a_table() -> None:
    assert html("| A | B |\n|---|---|\n| 1 | `2` |") == (
        '<table class="table"><thead><tr><th scope="col">A</th>'
        '<th scope="col">B</th></tr></thead>'
        "<tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>"
    )


def test_what_could_act_is_shown_as_it_was_typed() -> None:
    made = html('<script>x</script> `<b>` **<i>** [<u>](#"onclick=") &amp;')
    assert "<script" not in made
    assert "<i>" not in made
    assert "<u>" not in made
    assert 'href="#&quot;onclick=&quot;"' in made
    assert "&amp;amp;" in made
