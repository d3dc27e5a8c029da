/**
 * Host calls of set-up: making the socket pair, starting the gofer, terminal modes, signals to the
 * command itself. Cold calls, so bound by JNA; nothing here is called after boot on behalf of the
 * application.
 */
package io.loomvisor.runtime.host;
