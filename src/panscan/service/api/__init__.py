"""The service over HTTP: jobs, events, files, uploads, the door for Qencode's clients, and the page that shows jobs."""
