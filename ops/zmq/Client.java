/*
 * Client.java - an example of a party's end of CLEARWAY/1 (adapters/zmq/PROTOCOL.md) in Java with JeroMQ; client.py and
 * client.c do the same.
 *
 *   java -cp "$(ops/zmq/fetch)/*" ops/zmq/Client.java ADDRESS GATEWAY.public PARTY.public PARTY.secret COMMAND ...
 *
 *   submit FILE...               hands in each file; prints RECEIPT or PROBLEM with its headers
 *   receive FOLDER COUNT         takes so many deliveries and decisions, keeps each in FOLDER, prints its verb and headers
 *   follow STREAM PLACE COUNT    prints so many events, one a line; PLACE is the file that remembers how far it has come
 */
import com.eclipsesource.json.Json;
import com.eclipsesource.json.JsonObject;
import com.eclipsesource.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

public class Client {
    static final int PATIENCE_MS = 5000;    // then what was asked is asked again: asking twice does no harm
    static final int CREDIT = 16;

    record Message(String verb, JsonObject headers, byte[] body) {}

    final ZContext context = new ZContext();
    final String[] keys;    // files: the gateway's public key, the party's public and secret ones
    final ZMQ.Socket line;

    Client(String address, String... keys) throws IOException {
        this.keys = keys;
        context.setLinger(PATIENCE_MS);
        line = connect(SocketType.DEALER, address);
    }

    static byte[] key(String file) throws IOException {
        return ZMQ.Curve.z85Decode(Files.readString(Path.of(file)).trim());
    }

    ZMQ.Socket connect(SocketType kind, String address) throws IOException {
        ZMQ.Socket socket = context.createSocket(kind);
        socket.setCurveServerKey(key(keys[0]));
        socket.setCurvePublicKey(key(keys[1]));
        socket.setCurveSecretKey(key(keys[2]));
        socket.setHeartbeatIvl(5000);    // a dead connection is made anew
        socket.setHeartbeatTimeout(15000);
        if (kind == SocketType.SUB) {
            socket.subscribe(ZMQ.SUBSCRIPTION_ALL);
        }
        socket.connect(address);
        return socket;
    }

    void say(String verb, JsonObject headers, byte[] body) {
        line.sendMore(verb);
        line.sendMore(headers.toString());
        line.send(body);
    }

    /** Null: nothing came in this time. */
    Message hear(ZMQ.Socket socket, int patienceMs) {
        socket.setReceiveTimeOut(patienceMs);
        byte[] verb = socket.recv();
        if (verb == null) {
            return null;
        }
        byte[] headers = socket.recv();
        byte[] body = socket.recv();
        return new Message(new String(verb, StandardCharsets.UTF_8),
                           Json.parse(new String(headers, StandardCharsets.UTF_8)).asObject(), body);
    }

    /** The answer with the same ref; asked again until one comes. */
    Message ask(String verb, JsonObject headers, byte[] body) throws InterruptedException {
        while (true) {
            say(verb, headers, body);
            long end = System.nanoTime() + PATIENCE_MS * 1_000_000L;
            for (long left; (left = (end - System.nanoTime()) / 1_000_000) > 0;) {
                Message message = hear(line, (int) left);
                if (message == null || !headers.getString("ref", "").equals(message.headers.getString("ref", null))) {
                    continue;
                }
                if (!message.verb.equals("PROBLEM") || !message.headers.getBoolean("retry", false)) {
                    return message;
                }
                Thread.sleep(1000);
                break;
            }
        }
    }

    void submit(String[] files) throws IOException, InterruptedException {
        for (String file : files) {
            JsonObject headers = Json.object().add("ref", Path.of(file).getFileName().toString());
            Message answer = ask("SUBMIT", headers, Files.readAllBytes(Path.of(file)));
            System.out.println(answer.verb + " " + answer.headers);
        }
    }

    /** Whole and on the disk, or not there. */
    static void keep(Path path, byte[] bytes) throws IOException {
        Path part = Path.of(path + ".part");
        try (FileChannel file = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                                                 StandardOpenOption.TRUNCATE_EXISTING)) {
            for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining();) {
                file.write(rest);
            }
            file.force(true);
        }
        Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
    }

    /** One more credit comes back with each ACK. A gateway that was started anew has forgotten us: silence is answered by HELLO. */
    void receive(String folder, int count) throws IOException {
        JsonObject hello = Json.object().add("credit", CREDIT);
        Set<String> done = new HashSet<>();
        say("HELLO", hello, new byte[0]);
        while (done.size() < count) {
            Message message = hear(line, PATIENCE_MS);
            if (message == null) {
                say("HELLO", hello, new byte[0]);
            } else if (message.verb.equals("DELIVER") || message.verb.equals("DECISION")) {
                String delivery = message.headers.getString("delivery", "");
                keep(Path.of(folder, delivery.replace('/', '-')), message.body);
                say("ACK", Json.object().add("delivery", delivery), new byte[0]);
                if (done.add(delivery)) {
                    System.out.println(message.verb + " " + message.headers);
                }
            }
        }
    }

    /* --- following ------------------------------------------------------------------------------------------------ */

    Path file;
    long place = -1;    // everything up to here is known; -1: nothing is
    int count;

    /** All behind `after` and up to `position`. The events are handled, then the place is remembered. */
    void take(Message message) throws IOException {
        for (JsonValue event : Json.parse(new String(message.body, StandardCharsets.UTF_8)).asArray()) {
            if (Long.parseLong(event.asObject().getString("sequence", "0")) > place) {
                System.out.println(event);
                count++;
            }
        }
        place = message.headers.getLong("position", place);
        keep(file, Long.toString(place).getBytes(StandardCharsets.UTF_8));
    }

    void catchUp() throws IOException, InterruptedException {
        boolean more = true;
        while (more) {
            JsonObject asked = Json.object().add("ref", "follow");
            Message answer = ask("FOLLOW", place < 0 ? asked : asked.add("after", place), new byte[0]);
            if (!answer.verb.equals("EVENTS")) {
                throw new IllegalStateException(answer.verb + " " + answer.headers);
            }
            take(answer);
            more = answer.headers.getBoolean("more", false);
        }
    }

    void follow(String address, String place, int wanted) throws IOException, InterruptedException {
        ZMQ.Socket stream = connect(SocketType.SUB, address);
        file = Path.of(place);
        if (Files.exists(file)) {
            this.place = Long.parseLong(Files.readString(file).trim());
        }
        catchUp();
        while (count < wanted) {
            Message message = hear(stream, PATIENCE_MS);
            if (message == null || message.headers.getLong("after", 0) > this.place) {    // silence, or a gap
                catchUp();
            } else if (message.headers.getLong("position", 0) > this.place) {    // else it is known already
                take(message);
            }
        }
    }

    public static void main(String[] words) throws IOException, InterruptedException {
        if (words.length < 6) {
            System.err.println("usage: Client.java ADDRESS GATEWAY.public PARTY.public PARTY.secret COMMAND ...");
            System.exit(2);
        }
        Client client = new Client(words[0], words[1], words[2], words[3]);
        String[] rest = Arrays.copyOfRange(words, 5, words.length);
        switch (words[4]) {
            case "submit" -> client.submit(rest);
            case "receive" -> client.receive(rest[0], Integer.parseInt(rest[1]));
            case "follow" -> client.follow(rest[0], rest[1], Integer.parseInt(rest[2]));
            default -> System.exit(2);
        }
        client.context.close();    // the last ACK leaves
    }
}
