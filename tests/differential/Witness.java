/*
 * Witness: what the JDK's validator thinks of schemas and messages, where libxml2 alone is no judge.
 *
 *   java Witness.java < LINES                      each line: SCHEMA, tab, MESSAGE; without a message the schema alone
 *   java Witness.java --bench SCHEMA FOLDER        how fast a warm one validates the messages there: bytes a second, for each
 *                                                  line on the input anew
 *
 * Answers a line for each: taken | refused, tab, valid | invalid: why | -.
 */
import java.io.ByteArrayInputStream;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

public class Witness {
    private static final long WARMING_NS = 6_000_000_000L;

    /* Any error counts, warnings do not. */
    private static final ErrorHandler STRICT = new ErrorHandler() {
        public void warning(SAXParseException exception) {
        }

        public void error(SAXParseException exception) throws SAXException {
            throw exception;
        }

        public void fatalError(SAXParseException exception) throws SAXException {
            throw exception;
        }
    };

    private static Schema schemaOf(String path) throws Exception {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setErrorHandler(STRICT);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "file");
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
        return factory.newSchema(new File(path));
    }

    private static String judge(Schema schema, String message) {
        try {
            Validator validator = schema.newValidator();
            validator.setErrorHandler(STRICT);
            validator.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
            validator.validate(new StreamSource(new File(message)));
            return "valid";
        } catch (Exception | StackOverflowError fault) {
            return "invalid: " + String.valueOf(fault.getMessage()).replaceAll("\\s+", " ");
        }
    }

    private static void answer() {
        Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
        String last = "";
        Schema schema = null;
        while (lines.hasNextLine()) {
            String[] names = lines.nextLine().split("\t", 2);
            if (!names[0].equals(last)) {
                try {
                    schema = schemaOf(names[0]);
                } catch (Exception | StackOverflowError fault) {
                    schema = null;
                }
                last = names[0];
            }
            boolean message = schema != null && names.length > 1 && !names[1].isEmpty();
            System.out.println((schema == null ? "refused" : "taken") + "\t" + (message ? judge(schema, names[1]) : "-"));
            System.out.flush();
        }
    }

    /* Once over all messages each time, in bytes a second of this thread's CPU time: compiling and collecting garbage
     * are not counted against the JDK. The first answer comes when it is warm. */
    private static void bench(String path, File folder) throws Exception {
        List<byte[]> messages = new ArrayList<>();
        long bytes = 0;
        for (File file : folder.listFiles()) {
            messages.add(Files.readAllBytes(file.toPath()));
            bytes += file.length();
        }
        Validator validator = schemaOf(path).newValidator();
        validator.setErrorHandler(STRICT);
        Scanner go = new Scanner(System.in, StandardCharsets.UTF_8);
        long warm = threadTime() + WARMING_NS;
        do {
            long start = threadTime(), rounds = 0;
            do {
                for (byte[] message : messages) {
                    validator.validate(new StreamSource(new ByteArrayInputStream(message)));
                }
                rounds++;
            } while (threadTime() < warm);
            System.out.println(rounds * bytes / ((threadTime() - start) / 1e9));
            System.out.flush();
        } while (go.hasNextLine() && go.nextLine() != null);
    }

    private static long threadTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("jdk.xml.maxOccurLimit", "0"); /* 5,000 by default: a tariff has more lines */
        if (arguments.length == 3 && arguments[0].equals("--bench")) {
            bench(arguments[1], new File(arguments[2]));
        } else {
            answer();
        }
    }
}
