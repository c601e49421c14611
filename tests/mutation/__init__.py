"""Do the tests notice small faults? Each fault (a mutant) is one change of one line of the package, tried alone."""
