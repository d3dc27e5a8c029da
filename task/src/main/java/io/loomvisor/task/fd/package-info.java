/** Descriptor tables and the file-system context (root, working directory, umask) of processes. */
package io.loomvisor.task.fd;
