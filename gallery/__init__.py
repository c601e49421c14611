"""Every page and tab of the dashboard as pictures, what a program finds wrong with them, and how long the way to an answer is."""
