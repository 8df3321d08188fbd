"""The version of Mailpit that the stand-in behaves like, and says it is: clients may go by it."""

VERSION = "v1.30.5"
