"""Which keys were lawfully destroyed, as the log's own database knows it: the only parts that may ever be deleted.

The event `subject.key_destroyed` fills the table in its own transaction. From there on no part and no file can be written
under one of its keys, and only what is under one of them can be deleted, whoever asks. ``removed`` says that it was. The
engines make it together with the log.
"""

NAME = "destroyed_keys"  # also what the refusal of a part is told apart by

SQLITE = """
CREATE TABLE IF NOT EXISTS destroyed_keys (
  key TEXT PRIMARY KEY, subject TEXT NOT NULL, removed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS events_destroy_keys AFTER INSERT ON events WHEN NEW.topic = 'subject.key_destroyed'
BEGIN
  INSERT INTO destroyed_keys SELECT value, NEW.stream, 0 FROM json_each(NEW.text, '$.keys') WHERE true
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER IF NOT EXISTS parts_of_destroyed_keys BEFORE INSERT ON parts
WHEN EXISTS (SELECT 1 FROM destroyed_keys WHERE key = NEW.key) BEGIN SELECT RAISE(ABORT, 'destroyed_keys'); END;
CREATE TRIGGER IF NOT EXISTS parts_stand_delete BEFORE DELETE ON parts
WHEN NOT EXISTS (SELECT 1 FROM destroyed_keys WHERE key = OLD.key)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS tokens_stand_delete BEFORE DELETE ON tokens
WHEN NOT EXISTS (SELECT 1 FROM parts p JOIN destroyed_keys d ON d.key = p.key WHERE p.id = OLD.part)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS destroyed_keys_stand BEFORE DELETE ON destroyed_keys
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
"""

# The first function works as the owner: the application may record the event and not write into the table.
POSTGRES = """
-- The planner's statistics would keep samples of what is destroyed, in a catalogue that only a superuser can rewrite.
ALTER TABLE parts ALTER COLUMN box SET STATISTICS 0;
ALTER TABLE tokens ALTER COLUMN token SET STATISTICS 0;
CREATE TABLE IF NOT EXISTS destroyed_keys (
  key text COLLATE "C" PRIMARY KEY, subject text COLLATE "C" NOT NULL, removed integer NOT NULL);
CREATE OR REPLACE FUNCTION note_destroyed_keys() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS
$$BEGIN
  INSERT INTO destroyed_keys SELECT k, NEW.stream, 0 FROM jsonb_array_elements_text(NEW.text::jsonb -> 'keys') AS x(k)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END$$;
CREATE OR REPLACE TRIGGER events_destroy_keys AFTER INSERT ON events FOR EACH ROW
  WHEN (NEW.topic = 'subject.key_destroyed') EXECUTE FUNCTION note_destroyed_keys();
CREATE OR REPLACE FUNCTION key_is_not_destroyed() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN
  IF EXISTS (SELECT 1 FROM destroyed_keys WHERE key = NEW.key) THEN
    RAISE unique_violation USING MESSAGE = 'the key is destroyed', CONSTRAINT = 'destroyed_keys';
  END IF;
  RETURN NEW;
END$$;
CREATE OR REPLACE TRIGGER parts_of_destroyed_keys BEFORE INSERT ON parts
  FOR EACH ROW EXECUTE FUNCTION key_is_not_destroyed();
CREATE OR REPLACE FUNCTION only_destroyed() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN
  IF EXISTS (SELECT 1 FROM destroyed_keys WHERE key = OLD.key) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'insufficient_privilege';
END$$;
CREATE OR REPLACE FUNCTION only_destroyed_tokens() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN
  IF EXISTS (SELECT 1 FROM parts p JOIN destroyed_keys d ON d.key = p.key WHERE p.id = OLD.part) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'insufficient_privilege';
END$$;
CREATE OR REPLACE TRIGGER parts_stand_delete BEFORE DELETE ON parts
  FOR EACH ROW EXECUTE FUNCTION only_destroyed();
CREATE OR REPLACE TRIGGER tokens_stand_delete BEFORE DELETE ON tokens
  FOR EACH ROW EXECUTE FUNCTION only_destroyed_tokens();
CREATE OR REPLACE TRIGGER destroyed_keys_stand BEFORE DELETE OR TRUNCATE ON destroyed_keys
  FOR EACH STATEMENT EXECUTE FUNCTION log_stands();
"""
