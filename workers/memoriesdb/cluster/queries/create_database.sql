-- Make the database of the instance; the text of memories must be UTF-8.
create database {database} encoding 'UTF8' template template0
