/**
 * The lock: how the sentry and the gofer give up what they had of the host, once everything they
 * need is open, loaded and mapped, and before the application's first instruction. Called by {@link
 * io.loomvisor.runtime.boot}; no state. docs/security.md says what is left to either process.
 */
package io.loomvisor.runtime.lock;
