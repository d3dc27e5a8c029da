/** System calls on clocks and timers. */
package io.loomvisor.kernel.syscall.time;
