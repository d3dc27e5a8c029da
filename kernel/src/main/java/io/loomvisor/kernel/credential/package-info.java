/**
 * The rules by which an identity becomes another (credentials(7), capabilities(7)): pure functions
 * from {@link io.loomvisor.vfs.Credentials} to {@link io.loomvisor.vfs.Credentials}. The syscalls
 * of {@code syscall.identity} and execve(2) use them; nothing here keeps state.
 */
package io.loomvisor.kernel.credential;
