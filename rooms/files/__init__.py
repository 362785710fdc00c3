"""What becomes of a file before it is stored: told what it is by its content, pictures drawn anew, looked at for viruses."""
