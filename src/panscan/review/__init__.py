"""The review page: a movie with its cameras in a browser of this machine, where a person corrects and delivers."""
