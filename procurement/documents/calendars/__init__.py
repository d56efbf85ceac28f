"""When goods are expected: a page of the admin, and a file for people's calendars."""
