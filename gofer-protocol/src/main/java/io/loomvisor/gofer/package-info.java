/**
 * The file protocol between the sentry and the gofer, in the manner of 9P: {@code wire} has the
 * messages and their bytes, {@code client} the sentry's end, {@code server} the gofer's, {@code
 * host} the host calls of both, {@code abi} the Linux file ABI that they and everything above
 * share.
 *
 * <p>Each end takes the other for hostile: the server resolves single names below the roots it was
 * given and nothing else, the client believes no length, tag, name or type without a check.
 */
package io.loomvisor.gofer;
