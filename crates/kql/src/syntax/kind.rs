//! Kinds of tokens: punctuation, literals, and every word the language reserves.
//!
//! A reserved word may still serve as a name in some places; the flags beside each
//! word say where (`I` as an identifier, `E` where a name is declared, `S` where a
//! bare path is read). The lexer looks words up here; the parser asks by kind.

use std::sync::OnceLock;

/// May stand for an identifier anywhere.
pub const CAN_BE_NAME: u8 = 1;
/// May stand for a name in a declaration, beside an `=` or in a column list.
pub const CAN_BE_DECLARED: u8 = 2;
/// May stand for a name as the head of a path.
pub const CAN_BE_PATH: u8 = 4;

macro_rules! flags {
    (x) => {
        0
    };
    (I) => {
        CAN_BE_NAME
    };
    (E) => {
        CAN_BE_DECLARED
    };
    (IE) => {
        CAN_BE_NAME | CAN_BE_DECLARED
    };
    (S) => {
        CAN_BE_PATH
    };
}

macro_rules! tokens {
    ($( $plain:ident = $text:literal, )* ; $( $word:ident = $wtext:literal $flag:ident, )*) => {
        /// What a token is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum T { $( #[allow(missing_docs)] $plain, )* $( #[allow(missing_docs)] $word, )* }
        const TEXT: &[&str] = &[ $( $text, )* $( $wtext, )* ];
        const FLAGS: &[u8] = &[ $( { let _ = $text; 0 }, )* $( flags!($flag), )* ];
        const WORDS: &[(&str, T)] = &[ $( ($wtext, T::$word), )* ];
    };
}

tokens! {
    Eof = "end of text", Bad = "unexpected character", Directive = "directive", Ident = "name",
    LongLit = "number", RealLit = "number", IntLit = "int literal", DecimalLit = "decimal literal",
    BoolLit = "bool literal", DateTimeLit = "datetime literal", TimespanLit = "timespan literal",
    GuidLit = "guid literal", RawGuidLit = "guid", StringLit = "string",
    OpenParen = "(", CloseParen = ")", OpenBracket = "[", CloseBracket = "]", OpenBrace = "{", CloseBrace = "}",
    Bar = "|", LessBar = "<|", Plus = "+", Minus = "-", Asterisk = "*", Slash = "/", Percent = "%",
    Dot = ".", DotDot = "..", Bang = "!", Less = "<", LessEqual = "<=", Greater = ">", GreaterEqual = ">=",
    Equal = "=", EqualEqual = "==", BangEqual = "!=", LessGreater = "<>", Colon = ":", Semicolon = ";",
    Comma = ",", EqualTilde = "=~", BangTilde = "!~", At = "@", Question = "?", FatArrow = "=>",
    ;
    CrossCluster = "__crossCluster" x,
    CrossDB = "__crossDB" x,
    HiddenId = "__id" x,
    HiddenIsFuzzy = "__isFuzzy" x,
    NoWithSource = "__noWithSource" x,
    PackedColumn = "__packedColumn" x,
    SourceColumnIndex = "__sourceColumnIndex" x,
    Chart3D = "3Dchart" x,
    Access = "access" IE,
    Accumulate = "accumulate" E,
    Alias = "alias" IE,
    And = "and" x,
    AnomalyChart = "anomalychart" x,
    AreaChart = "areachart" x,
    As = "as" E,
    Asc = "asc" x,
    AssertSchema = "assert-schema" x,
    BagExpansion = "bagexpansion" x,
    BarChart = "barchart" x,
    Between = "between" x,
    Bin = "bin" IE,
    BinLegacy = "bin_legacy" x,
    By = "by" E,
    CachingPolicy = "cachingpolicy" x,
    Callout = "callout" x,
    Cancel = "cancel" x,
    Card = "card" x,
    ColumnChart = "columnchart" x,
    CommandsAndQueries = "commands-and-queries" x,
    Consume = "consume" IE,
    Contains = "contains" E,
    ContainsCs = "containscs" x,
    ContainsUnderCs = "contains_cs" x,
    ContextualDataTable = "__contextual_datatable" x,
    Count = "count" IE,
    Cycles = "cycles" x,
    Database = "database" IE,
    DataExport = "dataexport" x,
    DataScope = "datascope" x,
    DataTable = "datatable" E,
    Declare = "declare" IE,
    DecodeBlocks = "decodeblocks" x,
    Default = "default" IE,
    Desc = "desc" x,
    Distinct = "distinct" IE,
    Earliest = "earliest" E,
    EncodingPolicy = "encodingpolicy" x,
    EndsWith = "endswith" x,
    EndsWithCs = "endswith_cs" x,
    EntityGroup = "entity_group" IE,
    Evaluate = "evaluate" IE,
    ExecuteAndCache = "__executeAndCache" x,
    ExpandOutput = "expandoutput" x,
    Extend = "extend" IE,
    ExtentTagsRetention = "extent_tags_retention" x,
    ExternalData = "externaldata" E,
    ExternalDataOld = "external_data" x,
    DataFormat = "dataformat" IE,
    InlineExternalTable = "inline_external_table" IE,
    DateTimePattern = "datetime_pattern" IE,
    Facet = "facet" IE,
    Filter = "filter" IE,
    Find = "find" E,
    First = "first" x,
    Flags = "flags" x,
    Fork = "fork" IE,
    From = "from" IE,
    GetSchema = "getschema" IE,
    GrannyAsc = "granny-asc" x,
    GrannyDesc = "granny-desc" x,
    GraphMatch = "graph-match" x,
    GraphShortestPaths = "graph-shortest-paths" x,
    GraphToTable = "graph-to-table" x,
    GraphEdges = "edges" IE,
    HardDelete = "harddelete" x,
    HardRetention = "hardretention" x,
    Has = "has" E,
    HasAny = "has_any" x,
    HasAll = "has_all" x,
    HasCs = "has_cs" x,
    HasPrefix = "hasprefix" x,
    HasPrefixCs = "hasprefix_cs" x,
    HasSuffix = "hassuffix" x,
    HasSuffixCs = "hassuffix_cs" x,
    HintDotConcurrency = "hint.concurrency" x,
    HintDotDistribution = "hint.distribution" x,
    HintDotMaterialized = "hint.materialized" x,
    HintDotNumPartitions = "hint.num_partitions" x,
    HintDotShuffleKey = "hint.shufflekey" x,
    HintDotSpread = "hint.spread" x,
    HintDotRemote = "hint.remote" x,
    HintDotStrategy = "hint.strategy" x,
    HintDotProgressiveTop = "hint.progressive_top" x,
    HotCache = "hotcache" x,
    Id = "id" IE,
    In = "in" E,
    InCs = "in~" x,
    Invoke = "invoke" E,
    IsFuzzy = "isfuzzy" x,
    BestEffort = "best_effort" IE,
    ForceRemote = "force_remote" x,
    Join = "join" IE,
    Journal = "journal" x,
    Kind = "kind" S,
    LadderChart = "ladderchart" x,
    Last = "last" x,
    Latest = "latest" E,
    Let = "let" IE,
    Like = "like" x,
    LikeCs = "likecs" x,
    Limit = "limit" IE,
    LineChart = "linechart" x,
    Lookup = "lookup" IE,
    MacroExpand = "macro-expand" x,
    MakeGraph = "make-graph" x,
    GraphMarkComponents = "graph-mark-components" x,
    GraphWhereNodes = "graph-where-nodes" x,
    GraphWhereEdges = "graph-where-edges" x,
    MakeSeries = "make-series" x,
    MatchesRegex = "matches regex" x,
    Materialize = "materialize" E,
    MaterializedViewCombine = "materialized-view-combine" x,
    MaterializedViews = "materialized-views" x,
    Mdm = "mdm" E,
    Missing = "missing" x,
    MvApply = "mvapply" IE,
    MvDashApply = "mv-apply" x,
    MvDashExpand = "mv-expand" x,
    MvExpand = "mvexpand" IE,
    Nodes = "nodes" IE,
    NoOptimization = "nooptimization" x,
    NotBetween = "!between" x,
    NotContains = "notcontains" x,
    NotContainsCs = "notcontainscs" x,
    NotBangContains = "!contains" x,
    NotBangContainsCs = "!contains_cs" x,
    NotEndsWith = "!endswith" x,
    NotEndsWithCs = "!endswith_cs" x,
    NotHas = "!has" x,
    NotHasCs = "!has_cs" x,
    NotHasPrefix = "!hasprefix" x,
    NotHasPrefixCs = "!hasprefix_cs" x,
    NotHasSuffix = "!hassuffix" x,
    NotHasSuffixCs = "!hassuffix_cs" x,
    NotIn = "!in" x,
    NotInCs = "!in~" x,
    NotLike = "notlike" x,
    NotLikeCs = "notlikecs" x,
    NotStartsWith = "!startswith" x,
    NotStartsWithCs = "!startswith_cs" x,
    Null = "null" IE,
    Nulls = "nulls" IE,
    Of = "of" E,
    On = "on" IE,
    Optional = "optional" IE,
    Or = "or" x,
    Order = "order" IE,
    Others = "others" x,
    Output = "output" IE,
    Pack = "pack" IE,
    Parse = "parse" IE,
    ParseWhere = "parse-where" x,
    ParseKv = "parse-kv" x,
    PartitionedBy = "partitioned-by" x,
    PartitionBy = "__partitionby" IE,
    Partition = "partition" IE,
    PathFormat = "pathformat" x,
    Pattern = "pattern" IE,
    PieChart = "piechart" x,
    PivotChart = "pivotchart" x,
    Plotly = "plotly" IE,
    Graph = "graph" IE,
    Print = "print" E,
    Project = "project" x,
    ProjectAway = "project-away" x,
    ProjectByNames = "project-by-names" x,
    HiddenProjectAway = "__projectAway" x,
    ProjectKeep = "project-keep" x,
    ProjectRename = "project-rename" x,
    ProjectReorder = "project-reorder" x,
    ProjectSmart = "project-smart" x,
    Queries = "queries" x,
    QueryParameters = "query_parameters" IE,
    QueryResults = "query_results" x,
    Range = "range" IE,
    Reduce = "reduce" IE,
    Regex = "regex" IE,
    Relaxed = "relaxed" x,
    Render = "render" IE,
    RestrictedViewAccess = "restricted_view_access" x,
    Restrict = "restrict" IE,
    RowLevelSecurity = "row_level_security" x,
    Rowstore = "rowstore" x,
    RowstoreReferences = "rowstore_references" x,
    RowstoreSealInfo = "rowstore_sealinfo" x,
    RowstorePolicy = "rowstorepolicy" x,
    Rowstores = "rowstores" x,
    Sample = "sample" E,
    SampleDistinct = "sample-distinct" E,
    Scan = "scan" IE,
    ScatterChart = "scatterchart" x,
    Seal = "seal" x,
    Seals = "seals" x,
    Search = "search" E,
    Serialize = "serialize" IE,
    Set = "set" E,
    SetOrAppend = "set-or-append" x,
    SetOrReplace = "set-or-replace" x,
    Shards = "shards" x,
    Simple = "simple" x,
    SoftDelete = "softdelete" x,
    SoftRetention = "softretention" x,
    Sort = "sort" IE,
    Sql = "sql" E,
    StackedAreaChart = "stackedareachart" x,
    StartsWith = "startswith" x,
    StartsWithCs = "startswith_cs" x,
    Statistics = "statistics" x,
    Step = "step" IE,
    StoredQueryResultContainers = "storedqueryresultcontainers" x,
    Summarize = "summarize" IE,
    TablePurge = "tablepurge" x,
    Take = "take" IE,
    TimeChart = "timechart" x,
    Timeline = "timeline" x,
    TimePivot = "timepivot" x,
    Title = "title" E,
    To = "to" E,
    Top = "top" IE,
    TopHitters = "top-hitters" E,
    TopNested = "top-nested" E,
    ToScalar = "toscalar" E,
    ToTable = "totable" E,
    TreeMap = "treemap" x,
    TypeOf = "typeof" IE,
    Union = "union" x,
    UnrestrictedViewers = "unrestrictedviewers" x,
    Uuid = "uuid" IE,
    Verbose = "verbose" E,
    Viewers = "viewers" E,
    View = "view" IE,
    Views = "views" x,
    Where = "where" E,
    WithItemIndex = "with_itemindex" x,
    With = "with" IE,
    WithMatchId = "with_match_id" x,
    WithUnderSource = "with_source" S,
    WithStepName = "with_step_name" x,
    WithSource = "withsource" S,
    WithNodeId = "with_node_id" IE,
    WriteAheadLog = "writeaheadlog" x,
    Bool = "bool" IE,
    Boolean = "boolean" x,
    Int8 = "int8" x,
    Char = "char" x,
    UInt8 = "uint8" x,
    Byte = "byte" x,
    Int16 = "int16" x,
    UInt16 = "uint16" x,
    Int = "int" x,
    Int32 = "int32" x,
    UInt = "uint" x,
    UInt32 = "uint32" x,
    Long = "long" x,
    Int64 = "int64" x,
    ULong = "ulong" x,
    UInt64 = "uint64" x,
    Float = "float" x,
    Real = "real" x,
    Decimal = "decimal" x,
    Double = "double" x,
    String = "string" x,
    Time = "time" x,
    Timespan = "timespan" x,
    Date = "date" x,
    DateTime = "datetime" x,
    Guid = "guid" IE,
    UniqueId = "uniqueid" x,
    Dynamic = "dynamic" x,
}

impl T {
    /// The fixed text of this kind, or a short name for kinds without one.
    pub fn text(self) -> &'static str {
        TEXT[self as usize]
    }
    /// Whether this is a reserved word.
    pub fn is_word(self) -> bool {
        self as u16 >= T::CrossCluster as u16
    }
    pub(crate) fn flags(self) -> u8 {
        FLAGS[self as usize]
    }
    /// Whether a name may be spelt with this word without brackets.
    pub fn can_be_name(self) -> bool {
        self == T::Ident || self.flags() & CAN_BE_NAME != 0
    }
    /// Whether this kind is a literal value.
    pub fn is_literal(self) -> bool {
        (T::LongLit as u16..=T::StringLit as u16).contains(&(self as u16))
    }
    /// Whether this kind is punctuation or an operator sign.
    pub fn is_punctuation(self) -> bool {
        (T::OpenParen as u16..=T::FatArrow as u16).contains(&(self as u16))
    }
}

const SLOTS: usize = 1024;

struct Words {
    slots: [u16; SLOTS],
    /// Words with a character that no identifier has, by their first byte, longest first.
    compound: [Vec<(&'static str, T)>; 128],
}

fn hash(word: &[u8]) -> usize {
    let mut h = 0x811c_9dc5_u32;
    for b in word {
        h = (h ^ u32::from(*b)).wrapping_mul(0x0100_0193);
    }
    (h ^ (h >> 15)) as usize % SLOTS
}

fn words() -> &'static Words {
    static CELL: OnceLock<Words> = OnceLock::new();
    CELL.get_or_init(|| {
        let mut slots = [0u16; SLOTS];
        let mut compound = [const { Vec::new() }; 128];
        for (i, (text, kind)) in WORDS.iter().enumerate() {
            if text.bytes().all(is_name_byte) {
                let mut at = hash(text.as_bytes());
                while slots[at] != 0 {
                    at = (at + 1) % SLOTS;
                }
                slots[at] = i as u16 + 1;
            } else {
                compound[usize::from(text.as_bytes()[0] & 127)].push((*text, *kind));
            }
        }
        for words in &mut compound {
            words.sort_by_key(|(t, _): &(&str, T)| std::cmp::Reverse(t.len()));
        }
        Words { slots, compound }
    })
}

/// Whether the byte may stand inside an identifier.
pub(crate) fn is_name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// The reserved word spelt exactly like this (identifier characters only).
pub fn word(text: &[u8]) -> Option<T> {
    let w = words();
    let mut at = hash(text);
    while w.slots[at] != 0 {
        let (t, kind) = WORDS[w.slots[at] as usize - 1];
        if t.as_bytes() == text {
            return Some(kind);
        }
        at = (at + 1) % SLOTS;
    }
    None
}

/// The longest reserved word with a sign in it (`project-away`, `!in~`) that `rest` starts with.
pub(crate) fn compound(rest: &[u8]) -> Option<(usize, T)> {
    words()
        .compound
        .get(usize::from(*rest.first()?))?
        .iter()
        .find(|(t, _)| rest.starts_with(t.as_bytes()))
        .map(|(t, k)| (t.len(), *k))
}

/// Every reserved word with its kind.
pub fn all_words() -> &'static [(&'static str, T)] {
    WORDS
}
