#!/usr/bin/env node
import { main } from '../dist/bundle/server/main.js';

// Not exitCode: a handle that something forgot must not keep a stopped server alive.
process.exit(await main(process.argv.slice(2)));
