package io.loomvisor.gofer.wire;

/**
 * What the sentry asks of a socket gofer, which makes sockets in the host's network for it. {@code
 * handle} is a socket that it has made; an unknown one is EBADF. Addresses are whole struct
 * sockaddrs. Nothing here waits: sockets are non-blocking.
 */
public sealed interface SocketRequest {
  /** Bytes of a struct sockaddr_storage. */
  int MAX_ADDRESS = 128;

  /** Bytes of an option's value. */
  int MAX_VALUE = 4096;

  /** socket(2). {@link Reply.Socket}. */
  record Create(int domain, int type, int protocol) implements SocketRequest {}

  /** bind(2). {@link Reply.Done}. */
  record Bind(int handle, byte[] address) implements SocketRequest {}

  /** connect(2). {@link Reply.Done}. */
  record Connect(int handle, byte[] address) implements SocketRequest {}

  /** listen(2). {@link Reply.Done}. */
  record Listen(int handle, int backlog) implements SocketRequest {}

  /** accept(2). {@link Reply.Socket}. */
  record Accept(int handle) implements SocketRequest {}

  /** getsockname(2), or getpeername(2) if {@code peer}. {@link Reply.Bytes}. */
  record Name(int handle, boolean peer) implements SocketRequest {}

  /** getsockopt(2) with a buffer of {@code room} bytes. {@link Reply.Bytes}. */
  record GetOption(int handle, int level, int option, int room) implements SocketRequest {}

  /** setsockopt(2). {@link Reply.Done}. */
  record SetOption(int handle, int level, int option, byte[] value) implements SocketRequest {}

  /** ioctl(2) that stores an int. {@link Reply.Bytes}. */
  record Query(int handle, int request) implements SocketRequest {}

  /** The gofer's descriptor is closed; the sentry's is not. {@link Reply.Done}. */
  record Close(int handle) implements SocketRequest {}
}
