/** User and group ids and capabilities of the calling task (credentials(7), capabilities(7)). */
package io.loomvisor.kernel.syscall.identity;
