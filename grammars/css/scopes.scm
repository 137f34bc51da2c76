; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(rule_set (selectors) @name (block) @body) @scope.rule
(media_statement "@media" @name (block) @body) @scope.rule
(supports_statement "@supports" @name (block) @body) @scope.rule
(keyframes_statement (keyframes_name) @name (keyframe_block_list) @body) @scope.rule
(at_rule (at_keyword) @name (block) @body) @scope.rule
