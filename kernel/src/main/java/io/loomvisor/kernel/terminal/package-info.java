/**
 * Terminals and processes together: what the terminals of {@code vfs.tty} ask of the process tree,
 * and what the end of a session's leader does to its terminal. No state of its own: sessions keep
 * their terminal, terminals their session.
 */
package io.loomvisor.kernel.terminal;
