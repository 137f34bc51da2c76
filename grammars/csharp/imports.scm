; What brings names into the file, at the top level only.
(compilation_unit (using_directive) @import)
