; @identifier is the name of something that may be defined elsewhere.
[(variable_name) (command_name (word))] @identifier
