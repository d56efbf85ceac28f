"""What is kept about a person: found, handed out as a file, erased.

A person is a customer or a member of staff. `fields` says of every text in the database
whether it may be about a person, `belonging` which rows are about a customer. Finding,
handing out and erasing all go by these two, so none of them forgets what another knows.
"""
