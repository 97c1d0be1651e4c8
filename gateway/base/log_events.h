/*
 * log_events.h - everything the gateway writes into its log, one list: who speaks, what happened (snake_case,
 * what an operator greps for), and what it means. `clearway explain EVENT` shows a row.
 */
#ifndef BASE_LOG_EVENTS_H
#define BASE_LOG_EVENTS_H

#include <stddef.h>

/* clang-format off */
/*    id, component, event; meaning, zh and en */
#define LOG_EVENT_LIST(X)                                                                                    \
    X(CHECK_LEFT, "check", "left",                                                                           \
      "有效的报文未被自编校验器接受，由 libxml2 判定；offset 为其停止之处",                                  \
      "a valid message was not accepted by the compiled validator but by libxml2; offset is how far it came") \
    X(CHECK_DISPUTED, "check", "disputed",                                                                   \
      "libxml2 认为报文格式不良，而本系统未发现",                                                            \
      "libxml2 calls a message not well-formed in which our own reader found nothing")                       \
    X(GATEWAY_READY, "gateway", "ready",                                                                     \
      "已追上日志，投递与查询已开始",                                                                        \
      "it has caught up with its journal: deliveries and questions have begun")                              \
    X(GATEWAY_CATCHING_UP, "gateway", "catching_up",                                                         \
      "正在追赶日志：接收报文，其余请求稍后才答复",                                                          \
      "it catches up with its journal: messages are taken, nothing else is answered yet")                    \
    X(GATEWAY_CONFIGURATION, "gateway", "configuration",                                                     \
      "设置中有不妨碍启动的问题",                                                                            \
      "something in the configuration that does not keep it from starting")                                         \
    X(GATEWAY_FEW_DESCRIPTORS, "gateway", "few_descriptors",                                                 \
      "文件描述符的上限容不下所设的连接数，已按上限减少",                                                    \
      "the limit of file descriptors allows fewer connections than were set")                                \
    X(GATEWAY_NO_ROOM, "gateway", "no_room",                                                                 \
      "磁盘没有启动所需的空间，等待中",                                                                      \
      "the disk has no room to start; it waits")                                                             \
    X(GATEWAY_READY_NOT_WRITTEN, "gateway", "ready_not_written",                                             \
      "无法写入 DATA/ready，稍后重试",                                                                       \
      "DATA/ready cannot be written; it is tried again")                                                     \
    X(GATEWAY_RELOADING, "gateway", "reloading",                                                             \
      "正在重新读取规则、路由、模式、参与方与证书",                                                          \
      "rules, routes, schemas, parties and certificates are read anew")                                      \
    X(GATEWAY_RELOADED, "gateway", "reloaded",                                                               \
      "新版本自该记录起生效",                                                                                \
      "another edition is in force from this record on")                                                      \
    X(GATEWAY_RELOAD_UNCHANGED, "gateway", "reload_unchanged",                                               \
      "版本没有变化；证书与私钥已重新读取",                                                                  \
      "the edition is the same; certificates and keys are read anew")                                         \
    X(GATEWAY_RELOAD_REFUSED, "gateway", "reload_refused",                                                   \
      "新版本未生效，原版本仍然有效",                                                                        \
      "the new edition is not in force; the one before it still is")                                          \
    X(GATEWAY_RELOAD_IGNORED, "gateway", "reload_ignored",                                                   \
      "收到 SIGHUP 时网关尚未启动完毕或正在关闭",                                                            \
      "SIGHUP came while the gateway opens or closes")                                                       \
    X(GATEWAY_STATE_DAMAGED, "gateway", "state_damaged",                                                     \
      "state.db 已损坏，将由日志重建；自其完好以来所作的决定保留",                                           \
      "state.db is damaged and is made again from the journal; what was decided by it since it was last whole stands") \
    X(GATEWAY_DRAINING, "gateway", "draining",                                                               \
      "正在停止：不再接收，在途请求仍予答复",                                                                \
      "it stops: nothing new comes in, what is under way is answered")                                       \
    X(GATEWAY_ENDED, "gateway", "ended",                                                                     \
      "已结束",                                                                                              \
      "it has ended")                                                                                        \
    X(GATEWAY_CANNOT_WRITE, "gateway", "cannot_write",                                                       \
      "无法再写入日志或 state.db：为不误作承诺，立即结束",                                                   \
      "the journal or state.db cannot be written any more: it ends at once, so as to promise nothing")       \
    X(JOURNAL_OPENED, "journal", "opened",                                                                   \
      "日志已打开",                                                                                          \
      "the journal is open")                                                                                 \
    X(JOURNAL_TAIL_CUT, "journal", "tail_cut",                                                               \
      "上次未正常停止：当时正在写入、从未确认的部分已截去",                                                  \
      "the last stop was not clean: what was being written then, and never acknowledged, is cut")            \
    X(JOURNAL_DAMAGED, "journal", "damaged",                                                                 \
      "日志已损坏：不再接收报文，须由操作员处理",                                                            \
      "the journal is damaged: intake stays closed, an operator decides")                                    \
    X(JOURNAL_INDEX_NOT_WRITTEN, "journal", "index_not_written",                                             \
      "无法写入分段索引，改为逐条查找",                                                                      \
      "the index of a segment cannot be written; it is searched without")                                    \
    X(JOURNAL_DISK_NEARLY_FULL, "journal", "disk_nearly_full",                                               \
      "空闲磁盘低于 journal.reserve_mib：不再接收报文",                                                      \
      "the disk has less room than journal.reserve_mib: no message is taken")                                \
    X(JOURNAL_DISK_HAS_ROOM, "journal", "disk_has_room",                                                     \
      "磁盘又有空间，恢复接收",                                                                              \
      "the disk has room again: messages are taken")                                                         \
    X(JOURNAL_SCRUB_FOUND_DAMAGE, "journal", "scrub_found_damage",                                           \
      "后台重读旧记录时发现损坏",                                                                            \
      "old records were read again and one of them is damaged")                                              \
    X(JOURNAL_SCRUB_CANNOT_READ, "journal", "scrub_cannot_read",                                             \
      "后台重读时分段无法读取",                                                                              \
      "a segment cannot be read again")                                                                      \
    X(CLOCK_DOUBTED, "clock", "doubted",                                                                     \
      "系统时钟不可信：改按自有时钟计时，期限暂停",                                                          \
      "the wall clock is not believed: time goes by our own, deadlines are held")                            \
    X(CLOCK_BELIEVED, "clock", "believed",                                                                   \
      "系统时钟恢复可信",                                                                                    \
      "the wall clock is believed again")                                                                    \
    X(CLOCK_ACCEPTED, "clock", "accepted",                                                                   \
      "操作员确认了系统时钟",                                                                                \
      "an operator said that the wall clock is right")                                                       \
    X(CLOCK_UNSYNCHRONISED, "clock", "unsynchronised",                                                       \
      "系统时钟未经时间同步",                                                                                \
      "nothing keeps the wall clock right")                                                                  \
    X(DESCRIPTORS_RESERVE_USED, "descriptors", "reserve_used",                                               \
      "文件描述符用尽，动用为日志预留的部分",                                                                \
      "no file descriptor is left: one that is kept for the journal is used")                                \
    X(LOG_LINES_LOST, "log", "lines_lost",                                                                   \
      "日志无人读取，丢弃了若干行",                                                                          \
      "nobody read the log, so lines were dropped")                                                          \
    X(LOG_LINES_LEFT_OUT, "log", "lines_left_out",                                                           \
      "同一事件过于频繁，省略了若干行",                                                                      \
      "one event came too often, so lines were left out")                                                    \
    X(LOOP_LIBEVENT, "loop", "libevent",                                                                     \
      "libevent 的消息",                                                                                     \
      "what libevent has to say")                                                                            \
    X(STORE_FAILED, "store", "failed",                                                                       \
      "SQLite 报告错误",                                                                                     \
      "SQLite reports an error")                                                                             \
    X(STORE_TABLES_DIFFER, "store", "tables_differ",                                                         \
      "数据库的表与建立时不同",                                                                              \
      "the tables of a database are not as they were made")                                                  \
    X(THREAD_NOT_STARTED, "thread", "not_started",                                                           \
      "无法创建线程",                                                                                        \
      "a thread cannot be made")                                                                             \
    X(INTAKE_OVER_BUDGET, "intake", "over_budget",                                                           \
      "参与方超出其份额或上限",                                                                              \
      "a party is over its share or limit")                                                                  \
    X(INTAKE_FIRST_RECORD_UNREADABLE, "intake", "first_record_unreadable",                                   \
      "重复报文对应的首次记录无法读取",                                                                      \
      "the first record of a message that came again cannot be read")                                        \
    X(INTAKE_DAY_NOT_COUNTED, "intake", "day_not_counted",                                                   \
      "启动时未能数完今日已用的字节",                                                                        \
      "at the start the bytes of today were not counted to their end")                                       \
    X(SEEN_DAMAGED, "seen", "damaged",                                                                       \
      "已用编号表损坏，正由日志重建",                                                                        \
      "the table of seen ids is damaged and is made again from the journal")                                 \
    X(SEEN_UNREADABLE, "seen", "unreadable",                                                                 \
      "已用编号表无法读取",                                                                                  \
      "the table of seen ids cannot be read")                                                                \
    X(SEEN_NOT_WRITTEN, "seen", "not_written",                                                               \
      "已用编号表无法写入",                                                                                  \
      "the table of seen ids cannot be written")                                                             \
    X(SEEN_CANNOT_FOLLOW, "seen", "cannot_follow",                                                           \
      "已用编号表跟不上日志",                                                                                \
      "the table of seen ids cannot follow the journal")                                                     \
    X(ENGINE_HELD, "engine", "held",                                                                         \
      "处理该记录时引擎两次失败，搁置待操作员处理",                                                          \
      "the engine failed on this record twice: it is held for an operator")                                  \
    X(ENGINE_ORDER_FAILED, "engine", "order_failed",                                                         \
      "处理操作员指令时引擎失败",                                                                            \
      "the engine failed on an operator's order")                                                            \
    X(ENGINE_HELD_UP, "engine", "held_up",                                                                   \
      "引擎暂时无法继续",                                                                                    \
      "the engine cannot go on for now")                                                                     \
    X(ENGINE_GOES_ON, "engine", "goes_on",                                                                   \
      "引擎恢复处理",                                                                                        \
      "the engine goes on")                                                                                  \
    X(ENGINE_ANSWER_WAITS, "engine", "answer_waits",                                                         \
      "海关回执等待过久：无法判断属于哪份报关单",                                                            \
      "an answer of customs waits too long: it cannot be told whose it is")                                  \
    X(ENGINE_UNROUTED, "engine", "unrouted",                                                                 \
      "没有路由接收该报文，已隔离待操作员处理",                                                              \
      "no route takes this message: it is quarantined for an operator")                                      \
    X(ENGINE_FAILED, "engine", "failed",                                                                     \
      "引擎失败，网关将结束",                                                                                \
      "the engine has failed, and the gateway ends")                                                         \
    X(ENGINE_STATE_AHEAD, "engine", "state_ahead",                                                           \
      "state.db 超前于日志，将重建",                                                                         \
      "state.db is ahead of the journal, and is made again")                                                 \
    X(ENGINE_UNKNOWN_PART, "engine", "unknown_part",                                                         \
      "记录的决定涉及本版本没有的部分",                                                                      \
      "a recorded decision names a part that this version does not have")                                    \
    X(STATE_OTHER_VERSION, "state", "other_version",                                                         \
      "state.db 为其他版本，将由日志重建",                                                                   \
      "state.db is of another version, and is made again from the journal")                                  \
    X(STATE_PUT_ASIDE, "state", "put_aside",                                                                 \
      "损坏的 state.db 已移开，由日志重建",                                                                  \
      "a damaged state.db is put aside and made again from the journal")                                     \
    X(STATE_ROW_DIFFERS, "state", "row_differs",                                                             \
      "state.db 的一行与日志不符",                                                                           \
      "a row of state.db is not what the journal says")                                                      \
    X(STATE_TABLE_DIFFERS, "state", "table_differs",                                                         \
      "state.db 的一张表与写入时不同",                                                                       \
      "a table of state.db is not as it was written")                                                        \
    X(STATE_CHECKED, "state", "checked",                                                                     \
      "state.db 已逐行核对",                                                                                 \
      "all rows of state.db were checked")                                                                   \
    X(STATE_NOT_CHECKED, "state", "not_checked",                                                             \
      "核对时 state.db 无法读取",                                                                            \
      "state.db cannot be read to be checked")                                                               \
    X(VIEW_RELEASES_DAMAGED, "view", "releases_damaged",                                                     \
      "放行月份的列文件已损坏，将重新生成",                                                                  \
      "a file of released declarations is damaged, and is made again")                                       \
    X(VIEW_RELEASES_UNWRITTEN, "view", "releases_unwritten",                                                 \
      "放行月份的列文件无法写入，报表照常，但更慢",                                                          \
      "no file of released declarations can be written: reports are the same, but slower")                   \
    X(DISPATCH_DEFERRED, "dispatch", "deferred",                                                             \
      "投递失败，稍后重试",                                                                                  \
      "a delivery failed and is tried again")                                                                \
    X(DISPATCH_PARKED, "dispatch", "parked",                                                                 \
      "投递已搁置，待操作员重投",                                                                            \
      "a delivery is given up until an operator re-drives it")                                               \
    X(DISPATCH_STATE_UNREADABLE, "dispatch", "state_unreadable",                                             \
      "投递无法读取 state.db",                                                                               \
      "deliveries cannot be read from state.db")                                                             \
    X(DISPATCH_RECORD_UNREADABLE, "dispatch", "record_unreadable",                                           \
      "待投递的记录无法读取",                                                                                \
      "a record that is to be delivered cannot be read")                                                     \
    X(DISPATCH_RESULT_NOT_RECORDED, "dispatch", "result_not_recorded",                                       \
      "投递结果未能记录",                                                                                    \
      "what became of a delivery could not be recorded")                                                     \
    X(HTTP_LISTENING, "http", "listening",                                                                   \
      "正在此地址监听",                                                                                      \
      "it listens at this address")                                                                          \
    X(HTTP_REFUSED, "http", "refused",                                                                       \
      "请求格式错误，已拒绝并关闭连接",                                                                      \
      "a malformed request was refused and its connection closed")                                           \
    X(HTTP_TURNED_AWAY, "http", "turned_away",                                                               \
      "连接过多，新连接被关闭",                                                                              \
      "too many connections: one was closed")                                                                \
    X(HTTP_ACCEPT_FAILED, "http", "accept_failed",                                                           \
      "无法接受连接，稍后再试",                                                                              \
      "connections cannot be accepted; it pauses")                                                           \
    X(HTTP_HANDSHAKE_FAILED, "http", "handshake_failed",                                                     \
      "TLS 握手失败",                                                                                        \
      "a TLS handshake failed")                                                                              \
    X(HTTP_CERTIFICATE_OF_NO_PARTY, "http", "certificate_of_no_party",                                       \
      "客户端证书不属于任何参与方",                                                                          \
      "a client certificate belongs to no party")                                                            \
    X(HTTP_HEADER_DROPPED, "http", "header_dropped",                                                         \
      "答复中含控制字符的字段已略去",                                                                        \
      "a header of an answer held control characters and was left out")                                      \
    X(HTTP_REFEREE_VETO, "http", "referee_veto",                                                             \
      "两个读取器对报头看法不同（告警）",                                                                    \
      "two readers read a head differently (alarm)")                                                         \
    X(API_SIGNED_IN, "api", "signed_in",                                                                     \
      "已登录",                                                                                              \
      "somebody has signed in")                                                                              \
    X(API_SIGN_IN_REFUSED, "api", "sign_in_refused",                                                         \
      "账户或密码不正确；只记下确有的账户名",                                                                \
      "account or password were wrong; only the name of an account that exists is told")                     \
    X(API_USER_HEADER_REFUSED, "api", "user_header_refused",                                                 \
      "并非可信代理的请求带有代理用以给出账户的报头字段",                                                    \
      "the header in which the trusted proxy names an account came from somebody else")                      \
    X(API_CLIENT_HEADER_IGNORED, "api", "client_header_ignored",                                             \
      "登录请求带有给出客户端地址的报头字段，但发来者未证明自己是可信代理，故以连接的地址计",                \
      "who signed in sent the header of a client's address without proof of being the trusted proxy: the"    \
      " connection's address counts")                                                                        \
    X(API_ANSWER_CUT, "api", "answer_cut",                                                                   \
      "答复未能写完，连接已断开，使对方得知其不完整",                                                        \
      "the rest of an answer cannot be had; its connection was cut, so that it is seen to be short")         \
    X(API_SESSIONS_NOT_WRITTEN, "api", "sessions_not_written",                                               \
      "无法写入 DATA/sessions，稍后整体重写",                                                                \
      "DATA/sessions cannot be written; all of it is written anew with the next change")                     \
    X(ZMQ_BOUND, "zmq", "bound",                                                                             \
      "已为参与方绑定地址",                                                                                  \
      "the address of a party is bound")                                                                     \
    X(ZMQ_NOT_BOUND, "zmq", "not_bound",                                                                     \
      "无法绑定参与方的地址",                                                                                \
      "the address of a party cannot be bound")                                                              \
    X(ZMQ_NO_AUTHENTICATION, "zmq", "no_authentication",                                                     \
      "身份核验（ZAP）无法启动",                                                                             \
      "who speaks cannot be examined (ZAP)")                                                                 \
    X(ZMQ_HANDSHAKE_REFUSED, "zmq", "handshake_refused",                                                     \
      "CURVE 密钥不属于该参与方",                                                                            \
      "a CURVE key is not that party's")                                                                     \
    X(KAFKA_PRODUCER_ERROR, "kafka", "producer_error",                                                       \
      "Kafka 生产者报告错误",                                                                                \
      "the Kafka producer reports an error")                                                                 \
    X(KAFKA_NO_HANDLE, "kafka", "no_handle",                                                             \
      "librdkafka 无法按设置运行",                                                                               \
      "librdkafka cannot run with what is set")                                                                     \
    X(KAFKA_DOES_NOT_END, "kafka", "does_not_end",                                                           \
      "Kafka 的生产者或消费者未能按时结束，留待进程结束",                                                                       \
      "a Kafka producer or consumer does not end in time and is left to the end of the process")             \
    X(KAFKA_PRODUCER_REBUILT, "kafka", "producer_rebuilt",                                                   \
      "Kafka 生产者出现致命错误，已重建",                                                                    \
      "a Kafka producer met a fatal error, and a new one was made")                                          \
    X(KAFKA_RENEWED, "kafka", "renewed",                                                                     \
      "Kafka 的生产者或消费者按新的属性或证书重建",                                                          \
      "a Kafka producer or consumer was made anew, by other properties or certificates")                     \
    X(KAFKA_NO_DEAD_LETTER, "kafka", "no_dead_letter",                                                       \
      "搁置的投递未能抄送到 .dlq 主题",                                                                      \
      "a parked delivery could not be copied to its .dlq topic")                                             \
    X(KAFKA_TOPIC_READ, "kafka", "topic_read",                                                               \
      "开始读取参与方的报文主题",                                                                            \
      "a party's topic of submissions is read")                                                              \
    X(KAFKA_TOPIC_WAITS, "kafka", "topic_waits",                                                             \
      "报文主题暂不可读，稍后再试",                                                                          \
      "a topic of submissions cannot be read now; it is looked at again")                                    \
    X(KAFKA_TOPIC_STOPPED, "kafka", "topic_stopped",                                                         \
      "报文主题停止读取，须由运维人员处置（告警）",                                                          \
      "a topic of submissions is read no further until an operator looks (alarm)")                           \
    X(KAFKA_WRITERS_NOT_TOLD, "kafka", "writers_not_told",                                                   \
      "集群不告知谁可写入该主题：身份只凭主题名称",                                                          \
      "the cluster does not tell who may write to the topic: that only the party does is taken on trust")    \
    X(KAFKA_CONSUMER_ERROR, "kafka", "consumer_error",                                                       \
      "Kafka 消费者报告错误",                                                                                \
      "the Kafka consumer reports an error")                                                                 \
    X(KAFKA_NOT_COMMITTED, "kafka", "not_committed",                                                         \
      "消费组位移未能提交，稍后再试",                                                                        \
      "offsets of the group could not be committed; it is tried again")                                      \
    X(KAFKA_POSITIONS_NOT_WRITTEN, "kafka", "positions_not_written",                                         \
      "DATA/kafka.positions 无法写入，稍后再试",                                                             \
      "DATA/kafka.positions cannot be written; it is tried again")                                           \
    X(KAFKA_POSITIONS_UNREADABLE, "kafka", "positions_unreadable",                                           \
      "DATA/kafka.positions 无法读取，改用消费组位移",                                                       \
      "DATA/kafka.positions cannot be read; the group's offsets are gone by")                                \
    X(KAFKA_EVENTS_WAIT, "kafka", "events_wait",                                                             \
      "事件主题暂不可写，稍后再试",                                                                          \
      "a topic of events cannot be told now; it is tried again")                                             \
    X(KAFKA_EVENTS_OVERHEARD, "kafka", "events_overheard",                                                   \
      "其他主体可读取参与方的事件主题，停止向其发送（告警）",                                                \
      "somebody else may read a party's topic of events: nothing is told there (alarm)")                     \
    X(KAFKA_OVERHEARD, "kafka", "overheard",                                                                 \
      "其他主体可读取参与方的投递、回执或搁置主题，停止向其发送（告警）",                                          \
      "somebody else may read a party's topic of deliveries, receipts or dead letters: nothing is sent there (alarm)")       \
    X(KAFKA_READERS_NOT_TOLD, "kafka", "readers_not_told",                                                   \
      "集群不告知谁可读取该主题：只凭信任",                                                              \
      "the cluster does not tell who may read a topic of events: that only the party does is taken on trust") \
    X(KAFKA_EVENT_LEFT_OUT, "kafka", "event_left_out",                                                       \
      "事件大于其主题所容，已略去（告警）",                                                                  \
      "an event is larger than its topic allows, and is left out (alarm)")                                   \
    X(KAFKA_EVENTS_POSITION_UNKNOWN, "kafka", "events_position_unknown",                                     \
      "事件主题的位置在日志末尾之后（日志是否由备份恢复？），由头再发",                                      \
      "the position of a topic of events is behind the journal's end (was that restored?); it is told again from the beginning") \
    X(KAFKA_EVENTS_NOT_REMEMBERED, "kafka", "events_not_remembered",                                         \
      "DATA/kafka.events 无法写入，稍后再试",                                                                \
      "DATA/kafka.events cannot be written; it is tried again")                                              \
    X(KAFKA_EVENTS_UNREADABLE, "kafka", "events_unreadable",                                                 \
      "DATA/kafka.events 无法读取或属于另一日志，事件由头再发",                                              \
      "DATA/kafka.events cannot be read, or is another journal's: events are told again from the beginning") \
    X(WEBHOOK_GONE, "webhook", "gone",                                                                       \
      "webhook 答以 410：重新加载之前不再投递（告警）",                                                      \
      "a webhook answered 410 Gone: nothing is sent there until a reload (alarm)")                           \
    X(WEBHOOK_ADDRESS_REFUSED, "webhook", "address_refused",                                                 \
      "webhook 的主机名指向不允许投递的地址",                                                                \
      "the host name of a webhook leads to an address that nothing is sent to")                              \
    X(FILES_NO_INOTIFY, "files", "no_inotify",                                                               \
      "无法监视文件夹，改为定时查看",                                                                        \
      "folders cannot be watched; they are looked at from time to time")                                     \
    X(FILES_FOLDER_NOT_USABLE, "files", "folder_not_usable",                                                 \
      "参与方的文件夹现在不可用",                                                                            \
      "the folder of a party cannot be used now")                                                            \
    X(FILES_PUT_AWAY, "files", "put_away",                                                                   \
      "无法接收的文件已移入 FailBox",                                                                        \
      "a file that cannot be taken went to FailBox")                                                         \
    X(FILES_CANNOT_PUT_AWAY, "files", "cannot_put_away",                                                     \
      "无法把文件移入 FailBox",                                                                              \
      "a file cannot be moved to FailBox")                                                                   \
    X(FILES_CANNOT_ANSWER, "files", "cannot_answer",                                                         \
      "无法把回执写入 InBox，文件留在 OutBox",                                                               \
      "a response cannot be put into InBox; the file stays in OutBox")                                       \
    X(FILES_REFUSAL_UNREADABLE, "files", "refusal_unreadable",                                               \
      "再次提交的文件，其拒绝决定无法读取",                                                                  \
      "a file came again, and whether it was refused since cannot be read")
/* clang-format on */

enum log_event {
#define X(id, component, name, zh, en) EVENT_##id,
    LOG_EVENT_LIST(X)
#undef X
        EVENT_COUNT
};

struct log_meaning {
    const char *component, *name, *zh, *en;
};

const struct log_meaning *log_meaning(enum log_event event);
/* By its name, "tail_cut", or with its component, "journal.tail_cut", in either case of letters; the first
 * one behind `after` (NULL: of all), NULL: there is none. */
const struct log_meaning *log_meaning_find(const char *name, const struct log_meaning *after);

#endif
