/** Signal state: sets, dispositions, pending queues. The actor that owns it is the thread group. */
package io.loomvisor.task.signal;
