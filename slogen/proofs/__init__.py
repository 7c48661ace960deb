"""The tests that prove what the rules of a service do, in no file's format and without a look at their PromQL."""
