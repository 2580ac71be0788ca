package io.millrace.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ChartTest {

  @Test
  void drawsALineFromLeftToRight() throws Exception {
    Element svg =
        parse(
            new LineChart(
                    "Title",
                    "x",
                    "y",
                    List.of(new LineChart.Line("rising", List.of(0.0, 0.5, 1.0))))
                .svg());
    NodeList curves = svg.getElementsByTagName("polyline");
    assertThat(curves.getLength()).isEqualTo(1);
    assertThat(((Element) curves.item(0)).getAttribute("points").strip())
        .isEqualTo("50.00,400.00 230.00,220.00 410.00,40.00");
    assertThat(texts(svg)).contains("Title", "x", "y", "rising", "0.0", "1.0");
  }

  @Test
  void drawsALineWithoutPoints() throws Exception {
    assertThat(texts(parse(new LineChart("t", "x", "y", List.of(line("none"))).svg())))
        .contains("none");
  }

  @Test
  void saysHowManyLinesItLeavesOut() throws Exception {
    List<LineChart.Line> lines = IntStream.range(0, 23).mapToObj(i -> line("line " + i)).toList();
    assertThat(texts(parse(new LineChart("t", "x", "y", lines).svg())))
        .contains("line 19", "and 3 more, not drawn")
        .doesNotContain("line 20");
  }

  @Test
  void keepsNamesFromBecomingMarkup() throws Exception {
    String name = "<script>&\"\u0001";
    String svg = new BarChart("t", List.of(new BarChart.Bar(name, 1, "b"))).svg();
    assertThat(svg).doesNotContain("<script>");
    assertThat(texts(parse(svg))).contains("<script>&\"?");
  }

  @Test
  void shortensLongNames() {
    assertThat(LineChart.shortened("x".repeat(24))).hasSize(24);
    assertThat(LineChart.shortened("x".repeat(25))).isEqualTo("x".repeat(23) + "\u2026");
  }

  @Test
  void makesTheLongestBarFillTheChart() throws Exception {
    Element svg =
        parse(
            new BarChart(
                    "t",
                    List.of(
                        new BarChart.Bar("a", 0.1, "0.1"),
                        new BarChart.Bar("b", 0.2, "0.2"),
                        new BarChart.Bar("c", 0, "0")))
                .svg());
    assertThat(attributes(svg, "rect", "width")).endsWith("150.00", "300.00", "0.00");
  }

  @Test
  void drawsBarsThatAreAllZero() throws Exception {
    Element svg = parse(new BarChart("t", List.of(new BarChart.Bar("a", 0, "0"))).svg());
    assertThat(attributes(svg, "rect", "width").getLast()).isEqualTo("0.00");
  }

  @ParameterizedTest
  @MethodSource("chartsOfLongTexts")
  void hasRoomForItsTexts(String svg) throws Exception {
    Element picture = parse(svg);
    double width = number(picture, "width");
    NodeList texts = picture.getElementsByTagName("text");
    assertThat(texts.getLength()).isGreaterThan(2);
    for (int i = 0; i < texts.getLength(); i++) {
      Element text = (Element) texts.item(i);
      int length = TextWidth.of((int) number(text, "font-size"), text.getTextContent());
      if (text.hasAttribute("transform")) {
        double[] place =
            Pattern.compile("[0-9.]+")
                .matcher(text.getAttribute("transform"))
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group()))
                .toArray();
        assertThat(place[1] - length).as(text.getTextContent()).isGreaterThan(44);
        continue;
      }
      double x = number(text, "x");
      double left =
          switch (text.getAttribute("text-anchor")) {
            case "start" -> x;
            case "middle" -> x - length / 2.0;
            default -> x - length;
          };
      assertThat(left).as(text.getTextContent()).isNotNegative();
      assertThat(left + length).as(text.getTextContent()).isLessThanOrEqualTo(width);
    }
  }

  static List<String> chartsOfLongTexts() {
    String name = "Mammoth & WOMBAT within a wood, no. 24";
    String title =
        "F1 of the classes (macro mean 0.123); 20 of 1234 classes, of which each is drawn";
    return List.of(
        new BarChart(
                title,
                List.of(
                    new BarChart.Bar(name, 0.9, "0.900: precision 0.900, recall 0.900, of 123456"),
                    new BarChart.Bar("0.90 to 1.00", 1, "0.961 right, 0.955 said, of 123456")))
            .svg(),
        new LineChart(title, "x", "y", List.of(line(name), line("b"))).svg(),
        new MatrixChart(
                title,
                name,
                name,
                List.of(name, "b"),
                List.of(name, "b"),
                List.of(List.of(1L, 2L), List.of(3L, 4L)))
            .svg(),
        new CurveGrid(
                title,
                List.of(name, name, name),
                List.of(
                    new CurveGrid.Panel(
                        "p", List.of(0.0, 1.0), List.of(List.of(0.0, 1.0), List.of(1.0, 0.0)))))
            .svg());
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @Test
  void isNoWiderThanShortTextsNeed() throws Exception {
    String svg = new BarChart("t", List.of(new BarChart.Bar("a", 1, "1"))).svg();
    assertThat(parse(svg).getAttribute("width")).isEqualTo("660");
  }

  @Test
  void shadesCountsByTheirShareOfTheRow() throws Exception {
    Element svg =
        parse(
            new MatrixChart(
                    "t",
                    "truth",
                    "found",
                    List.of("a", "b"),
                    List.of("a", "b"),
                    List.of(List.of(3L, 0L), List.of(0L, 0L)))
                .svg());
    assertThat(attributes(svg, "rect", "fill"))
        .containsExactly("#ffffff", "#14328c", "#ffffff", "#ffffff", "#ffffff");
    assertThat(texts(svg)).contains("3", "down: truth, across: found");
  }

  @Test
  void leavesOutNumbersThatWouldNotFit() throws Exception {
    List<String> names = Collections.nCopies(30, "n");
    List<List<Long>> counts = Collections.nCopies(30, Collections.nCopies(30, 77L));
    String svg = new MatrixChart("t", "d", "a", names, names, counts).svg();
    assertThat(texts(parse(svg))).doesNotContain("77");
  }

  private static LineChart.Line line(String name) {
    return new LineChart.Line(name, List.of());
  }

  private static List<String> texts(Element svg) {
    NodeList nodes = svg.getElementsByTagName("text");
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> nodes.item(i).getTextContent())
        .toList();
  }

  private static List<String> attributes(Element svg, String tag, String attribute) {
    NodeList nodes = svg.getElementsByTagName(tag);
    List<String> values = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      values.add(((Element) nodes.item(i)).getAttribute(attribute));
    }
    return values;
  }

  private static Element parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)))
        .getDocumentElement();
  }
}
