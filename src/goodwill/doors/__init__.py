"""What the verbs of the command line do: they call the study and show what it gives."""
