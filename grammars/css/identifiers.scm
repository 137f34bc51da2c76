; @identifier is the name of something that may be defined elsewhere.
[(class_name) (id_name)] @identifier
