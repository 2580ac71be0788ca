package io.millrace.standalone.exchange;

import io.millrace.platform.service.PlatformConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;

/** What every service has, and nothing else. */
@SpringBootApplication
@Import(PlatformConfiguration.class)
public class ExchangeApplication {
  /** Name of the service, of its configuration file and in its events. */
  public static final String NAME = "exchange";
}
