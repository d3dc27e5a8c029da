/**
 * Assembles a sandbox: starts the gofer, makes the machine, then the kernel, then the first task,
 * and waits for its end.
 */
package io.loomvisor.runtime.boot;
