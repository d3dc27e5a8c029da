/**
 * Host calls of set-up: making the socket pair, starting the gofer, terminal modes, signals to the
 * command itself; nothing here is called after boot on behalf of the application. What each start
 * needs goes through {@code java.lang.foreign}, which is there for the hot calls anyway; JNA binds
 * the verbs' cold ones.
 */
package io.loomvisor.runtime.host;
