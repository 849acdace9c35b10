"""The agent over real sockets: what a page can see, and what everybody else cannot."""
