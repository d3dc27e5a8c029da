/**
 * From a file to a running image: what execve(2) loads. Runs on the thread of the task that calls;
 * owns no state.
 */
package io.loomvisor.kernel.loader;
