; What brings names into the file, at the top level only.
(source_file (use_declaration) @import)
(source_file (extern_crate_declaration) @import)
(source_file (mod_item !body) @import)
