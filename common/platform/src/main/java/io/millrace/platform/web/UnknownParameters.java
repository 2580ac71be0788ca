package io.millrace.platform.web;

import io.millrace.platform.error.MillraceException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Refuses a query parameter that the controller's method does not declare with {@link
 * RequestParam}: a misspelt one would be ignored otherwise. A method that takes all of them as a
 * map is left alone, and so are controllers of others.
 */
final class UnknownParameters implements HandlerInterceptor {
  private final Map<HandlerMethod, Optional<Set<String>>> known = new ConcurrentHashMap<>();

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getQueryString() == null
        || !(handler instanceof HandlerMethod method)
        || !method.getBeanType().getName().startsWith("io.millrace.")) {
      return true;
    }
    Optional<Set<String>> declared = known.computeIfAbsent(method, UnknownParameters::declared);
    if (declared.isPresent()) {
      for (String name : queryParameters(request)) {
        if (!declared.get().contains(name)) {
          throw MillraceException.invalid(
              name,
              "unknown parameter '"
                  + name
                  + "'"
                  + (declared.get().isEmpty()
                      ? "; there are none here"
                      : "; known are "
                          + declared.get().stream().sorted().collect(Collectors.joining(", "))));
        }
      }
    }
    return true;
  }

  private static Set<String> queryParameters(HttpServletRequest request) {
    return UriComponentsBuilder.newInstance()
        .query(request.getQueryString())
        .build()
        .getQueryParams()
        .keySet();
  }

  private static Optional<Set<String>> declared(HandlerMethod method) {
    boolean takesAll =
        Arrays.stream(method.getMethodParameters())
            .anyMatch(parameter ->
                parameter.hasParameterAnnotation(RequestParam.class)
                    && Map.class.isAssignableFrom(parameter.getParameterType()));
    return takesAll
        ? Optional.empty()
        : Optional.of(
            Arrays.stream(method.getMethodParameters())
                .filter(parameter -> parameter.hasParameterAnnotation(RequestParam.class))
                .map(UnknownParameters::name)
                .collect(Collectors.toUnmodifiableSet()));
  }

  private static String name(MethodParameter parameter) {
    RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
    if (annotation != null && !annotation.name().isEmpty()) {
      return annotation.name();
    }
    if (annotation != null && !annotation.value().isEmpty()) {
      return annotation.value();
    }
    return parameter.getParameter().getName();
  }
}
