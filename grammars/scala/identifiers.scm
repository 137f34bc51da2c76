; @identifier is the name of something that may be defined elsewhere.
[(identifier) (type_identifier)] @identifier
