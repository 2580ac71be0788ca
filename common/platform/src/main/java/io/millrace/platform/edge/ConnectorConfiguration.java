package io.millrace.platform.edge;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.MillraceProperties.Timeouts;
import org.apache.catalina.core.StandardHost;
import org.apache.coyote.ContinueResponseTiming;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Tomcat as every service has it. */
@Configuration(proxyBeanMethods = false)
public class ConnectorConfiguration {

  @Bean
  ClientWatch clientWatch() {
    return new ClientWatch();
  }

  @Bean
  SlowClients slowClients(MillraceProperties properties) {
    return new SlowClients(properties.timeouts().head());
  }

  /** The last word: what is set here does not depend on what Spring Boot does by default. */
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> millraceConnector(
      MillraceProperties properties, SlowClients slow) {
    Timeouts timeouts = properties.timeouts();
    return factory -> {
      factory.setProtocol(WatchedProtocol.class.getName());
      factory.addContextCustomizers(context ->
          ((StandardHost) context.getParent())
              .setErrorReportValveClass(ProblemValve.class.getName()));
      factory.addConnectorCustomizers(connector -> {
        if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> protocol) {
          protocol.setConnectionTimeout(millis(timeouts.silence()));
          protocol.setKeepAliveTimeout(millis(timeouts.idle()));
          // Who is refused for what the headers say is not asked for the body first.
          protocol.setContinueResponseTiming(
              ContinueResponseTiming.ON_REQUEST_BODY_READ.toString());
        }
        if (connector.getProtocolHandler() instanceof WatchedProtocol protocol) {
          slow.watch(protocol);
        }
      });
    };
  }

  private static int millis(java.time.Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
