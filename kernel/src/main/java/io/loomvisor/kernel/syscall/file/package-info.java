/**
 * System calls on files, paths and descriptors. The work is done by {@code vfs}; here are argument
 * checks, struct layouts and what Linux does on top of file systems (SIGPIPE, RLIMIT_FSIZE, record
 * locks).
 */
package io.loomvisor.kernel.syscall.file;
