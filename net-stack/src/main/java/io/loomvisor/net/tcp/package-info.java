/** TCP. */
package io.loomvisor.net.tcp;
