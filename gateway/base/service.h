/*
 * service.h - what whoever started us as a service is told: systemd's sd_notify protocol, one datagram to the
 * socket that NOTIFY_SOCKET names. Without one nothing happens.
 *
 * Thread    any.
 */
#ifndef BASE_SERVICE_H
#define BASE_SERVICE_H

/* "READY=1", "STOPPING=1" ...: lines as sd_notify(3) has them. Never waits; what cannot be told is not. */
void service_tell(const char *lines);

#endif
