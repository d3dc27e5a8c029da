/**
 * The gofer's end of the protocol: {@link io.loomvisor.gofer.server.GoferServer} is the main loop
 * of a process of its own, one thread, one connection. It resolves one name at a time below the
 * root directories it was given, never follows a symbolic link, never leaves a root, opens nothing
 * but regular files and directories, and takes every byte from the sentry for hostile.
 */
package io.loomvisor.gofer.server;
