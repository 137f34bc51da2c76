-- Says.
/* block */
CREATE TABLE greeter (
    id INT PRIMARY KEY,
    name TEXT DEFAULT 'x'
);
CREATE VIEW v AS SELECT id FROM greeter WHERE name = 'y';
CREATE INDEX i ON greeter (name);
CREATE FUNCTION f(x INT) RETURNS INT AS $$ SELECT 1; $$ LANGUAGE sql;
CREATE TYPE colour AS ENUM ('a');
INSERT INTO greeter (id) VALUES (1);
WITH c AS (SELECT 1) SELECT * FROM c;
BEGIN;
COMMIT;
