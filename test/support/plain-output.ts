// What commands print must not hang on where the tests run: Vitest asks its workers for colours where its own output has them.
for (const name of ['NO_COLOR', 'FORCE_COLOR']) delete process.env[name];
