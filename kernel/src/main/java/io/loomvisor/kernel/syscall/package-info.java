/**
 * The system call table and the dispatcher; one package below per family. Handlers check arguments,
 * copy in, ask the owner and copy out; they own no state and run on the calling task's thread.
 */
package io.loomvisor.kernel.syscall;
