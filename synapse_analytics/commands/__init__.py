"""The commands of the command line, one file per kind of work; they compose and print, nothing else."""
