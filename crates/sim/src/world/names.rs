//! Names of people, offices and departments. Data only.

/// Where people work: names, egress address and time offset belong together.
pub struct Office {
    pub code: &'static str,
    pub city: &'static str,
    pub state: Option<&'static str>,
    pub country: &'static str,
    pub letters: &'static str,
    pub language: &'static str,
    /// Last byte of the egress address in 192.0.2.0/24.
    pub egress: u8,
    pub latitude: f64,
    pub longitude: f64,
    pub dial: &'static str,
    /// Minutes east of UTC, for working hours.
    pub east: i64,
    pub weight: u32,
    /// Separated by blanks.
    pub given: &'static str,
    pub surnames: &'static str,
}

pub static OFFICES: [Office; 8] = [
    Office {
        code: "LDN",
        city: "London",
        state: None,
        country: "United Kingdom",
        letters: "GB",
        language: "en-GB",
        egress: 10,
        latitude: 51.5074,
        longitude: -0.1278,
        dial: "+44 20 7946 0",
        east: 60,
        weight: 30,
        given: "Oliver Amelia George Isla Harry Ava Noah Emily Jack Sophie Charlie Grace Thomas \
            Freya Oscar Ella James Poppy William Evie Henry Florence Alfie Rosie Joshua Daisy \
            Edward Alice Samuel Zoë Aaron Siobhán",
        surnames: "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker White \
            Edwards Green Hall Wood Harris Martin Jackson Clarke Clark Turner Hill Cooper Morris \
            Ward Moore Baker Harrison Morgan Allen Hughes Begum Ahmed Khan Whitfield Ashworth \
            Bell Murphy Bailey",
    },
    Office {
        code: "DUB",
        city: "Dublin",
        state: None,
        country: "Ireland",
        letters: "IE",
        language: "en-IE",
        egress: 20,
        latitude: 53.3498,
        longitude: -6.2603,
        dial: "+353 1 555 0",
        east: 60,
        weight: 10,
        given: "Conor Aoife Seán Niamh Cian Saoirse Oisín Ciara Darragh Róisín Patrick Caoimhe Fionn \
            Sinéad Eoin Gráinne Liam Orla Ronan Maeve",
        surnames: "O'Neill Murphy Kelly Byrne Ryan O'Brien Walsh O'Sullivan O'Connor Doyle McCarthy \
            Gallagher Doherty Kennedy Lynch Murray Quinn Moore McLoughlin Carroll Connolly Daly \
            Nolan Fitzgerald",
    },
    Office {
        code: "MUC",
        city: "Munich",
        state: Some("Bavaria"),
        country: "Germany",
        letters: "DE",
        language: "de-DE",
        egress: 30,
        latitude: 48.1351,
        longitude: 11.582,
        dial: "+49 89 5550 ",
        east: 120,
        weight: 16,
        given: "Lukas Anna Felix Lena Maximilian Marie Jonas Laura Paul Julia Leon Katharina Tobias \
            Sabine Jürgen Ursula Stefan Heike Matthias Jana Florian Birgit Sebastian Nina Jörg \
            Käthe Moritz Elif",
        surnames: "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer \
            Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger \
            Hofmann Hartmann Lange Schmitt Werner Krause Meier Lehmann Yılmaz Kaya Größl Köhler \
            Huber Vogel",
    },
    Office {
        code: "WAW",
        city: "Warsaw",
        state: None,
        country: "Poland",
        letters: "PL",
        language: "pl-PL",
        egress: 40,
        latitude: 52.2297,
        longitude: 21.0122,
        dial: "+48 22 555 0",
        east: 120,
        weight: 12,
        given: "Jakub Zuzanna Jan Julia Piotr Agnieszka Krzysztof Katarzyna Michał Magdalena Paweł \
            Joanna Łukasz Małgorzata Marcin Ewa Wojciech Aleksandra Bartosz Monika Grzegorz \
            Karolina Oksana Andriy",
        surnames: "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański \
            Woźniak Dąbrowski Kozłowski Jankowski Mazur Kwiatkowski Krawczyk Piotrowski \
            Grabowski Pawłowski Michalski Król Wieczorek Jabłoński Wróbel Shevchenko Bondarenko \
            Stępień Malinowski",
    },
    Office {
        code: "BLR",
        city: "Bengaluru",
        state: Some("Karnataka"),
        country: "India",
        letters: "IN",
        language: "en-IN",
        egress: 50,
        latitude: 12.9716,
        longitude: 77.5946,
        dial: "+91 80 5550 ",
        east: 330,
        weight: 18,
        given: "Aarav Ananya Arjun Diya Vivaan Priya Aditya Kavya Rohan Meera Karthik Lakshmi Rahul \
            Divya Sanjay Deepa Vikram Nandini Suresh Pooja Manoj Sneha Harish Swathi Imran \
            Fatima Joseph Anjali",
        surnames: "Sharma Reddy Iyer Nair Gupta Rao Kumar Singh Menon Pillai Shetty Hegde Joshi \
            Kulkarni Banerjee Mukherjee Das Bose Chatterjee Desai Mehta Shah Verma Mishra Pandey \
            Naidu Gowda Krishnan Subramanian Venkatesan Shaikh Fernandes",
    },
    Office {
        code: "TYO",
        city: "Tokyo",
        state: Some("Tokyo"),
        country: "Japan",
        letters: "JP",
        language: "ja-JP",
        egress: 60,
        latitude: 35.6762,
        longitude: 139.6503,
        dial: "+81 3 5550 ",
        east: 540,
        weight: 8,
        given: "Haruto Yui Sota Aoi Yuto Hina Haruki Sakura Ren Misaki Takumi Yuki Daiki Nanami \
            Kenta Ayumi Hiroshi Keiko Takashi Yoko Kazuki Emi Shota Rina",
        surnames: "Sato Suzuki Takahashi Tanaka Ito Watanabe Yamamoto Nakamura Kobayashi Kato Yoshida \
            Yamada Sasaki Yamaguchi Matsumoto Inoue Kimura Hayashi Shimizu Saito Mori Abe Ikeda \
            Hashimoto",
    },
    Office {
        code: "CHI",
        city: "Chicago",
        state: Some("Illinois"),
        country: "United States",
        letters: "US",
        language: "en-US",
        egress: 70,
        latitude: 41.8781,
        longitude: -87.6298,
        dial: "+1 312-555-0",
        east: -300,
        weight: 24,
        given: "Liam Olivia Ethan Emma Mason Sophia Logan Mia Jacob Abigail Michael Madison Daniel \
            Chloe Matthew Hannah Carlos Maria Juan Gabriela Tyrone Latoya Darnell Keisha Wei Xiu \
            Nguyen Linh Andrew Samantha Brandon Nicole",
        surnames: "Anderson Martinez Robinson Clark Rodriguez Lewis Lee Walker Hall Allen Young \
            Hernandez King Wright Lopez Hill Scott Green Adams Baker Gonzalez Nelson Carter \
            Mitchell Perez Roberts Tran Phillips Campbell Parker Evans Collins Stewart Sanchez \
            Chen Wang Kim Washington Jefferson Kowalski",
    },
    Office {
        code: "SAO",
        city: "São Paulo",
        state: Some("São Paulo"),
        country: "Brazil",
        letters: "BR",
        language: "pt-BR",
        egress: 80,
        latitude: -23.5505,
        longitude: -46.6333,
        dial: "+55 11 5550 ",
        east: -180,
        weight: 8,
        given: "João Maria Pedro Ana Lucas Beatriz Gabriel Larissa Mateus Camila Rafael Juliana \
            Gustavo Letícia Felipe Fernanda Thiago Mariana Vinícius Patrícia Bruno Carolina",
        surnames: "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa \
            Ribeiro Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias \
            Nascimento Araújo",
    },
];

/// A department: its titles by level.
pub struct Department {
    pub name: &'static str,
    pub director: &'static str,
    pub manager: &'static str,
    /// Separated by `|`.
    pub staff: &'static str,
    pub cost_center: &'static str,
}

const fn dept(
    name: &'static str,
    cost_center: &'static str,
    director: &'static str,
    manager: &'static str,
    staff: &'static str,
) -> Department {
    Department {
        name,
        director,
        manager,
        staff,
        cost_center,
    }
}

/// Below each of the eight chiefs (users 1 to 8), the departments of their directors.
pub static DEPARTMENTS: [&[Department]; 8] = [
    &[
        dept(
            "Accounts Payable",
            "CC-1010",
            "Director of Accounting",
            "Accounts Payable Manager",
            "Accounts Payable Specialist|Invoice Clerk|Payments Analyst",
        ),
        dept(
            "Controlling",
            "CC-1020",
            "Financial Controller",
            "Controlling Manager",
            "Financial Analyst|Cost Analyst|Junior Controller",
        ),
        dept(
            "Treasury",
            "CC-1030",
            "Treasurer",
            "Treasury Manager",
            "Treasury Analyst|Cash Manager",
        ),
        dept(
            "Tax",
            "CC-1040",
            "Director of Tax",
            "Tax Manager",
            "Tax Accountant|Tax Analyst",
        ),
    ],
    &[
        dept(
            "Engineering",
            "CC-2010",
            "Director of Engineering",
            "Engineering Manager",
            "Software Engineer|Senior Software Engineer|Staff Engineer|Test Engineer",
        ),
        dept(
            "Platform",
            "CC-2020",
            "Director of Platform",
            "Platform Manager",
            "Site Reliability Engineer|DevOps Engineer|Cloud Engineer",
        ),
        dept(
            "Research",
            "CC-2030",
            "Head of Research",
            "Research Lead",
            "Data Scientist|Machine Learning Engineer|Research Engineer",
        ),
        dept(
            "Product",
            "CC-2040",
            "Director of Product",
            "Product Manager",
            "Product Owner|UX Designer|Technical Writer",
        ),
    ],
    &[
        dept(
            "IT Operations",
            "CC-3010",
            "Director of IT Operations",
            "IT Operations Manager",
            "Systems Administrator|Network Engineer|Database Administrator",
        ),
        dept(
            "Service Desk",
            "CC-3020",
            "Head of Service Desk",
            "Service Desk Manager",
            "Service Desk Analyst|Desktop Support Technician",
        ),
        dept(
            "Business Applications",
            "CC-3030",
            "Director of Business Applications",
            "Applications Manager",
            "ERP Consultant|CRM Administrator|Integration Developer",
        ),
    ],
    &[
        dept(
            "Manufacturing",
            "CC-4010",
            "Plant Director",
            "Shift Manager",
            "Machine Operator|Process Technician|Quality Inspector|Maintenance Technician",
        ),
        dept(
            "Logistics",
            "CC-4020",
            "Director of Logistics",
            "Warehouse Manager",
            "Warehouse Associate|Dispatcher|Customs Specialist",
        ),
        dept(
            "Procurement",
            "CC-4030",
            "Director of Procurement",
            "Procurement Manager",
            "Buyer|Category Manager|Supplier Quality Engineer",
        ),
        dept(
            "Quality",
            "CC-4040",
            "Director of Quality",
            "Quality Manager",
            "Quality Engineer|Auditor",
        ),
    ],
    &[
        dept(
            "Human Resources",
            "CC-5010",
            "HR Director",
            "HR Manager",
            "HR Business Partner|HR Specialist",
        ),
        dept(
            "Recruiting",
            "CC-5020",
            "Head of Talent",
            "Recruiting Manager",
            "Recruiter|Sourcing Specialist",
        ),
        dept(
            "Payroll",
            "CC-5030",
            "Head of Payroll",
            "Payroll Manager",
            "Payroll Specialist",
        ),
    ],
    &[
        dept(
            "Legal",
            "CC-6010",
            "Deputy General Counsel",
            "Senior Counsel",
            "Counsel|Paralegal|Contract Manager",
        ),
        dept(
            "Compliance",
            "CC-6020",
            "Head of Compliance",
            "Compliance Manager",
            "Compliance Analyst|Privacy Officer",
        ),
        dept(
            "Facilities",
            "CC-6030",
            "Head of Facilities",
            "Facilities Manager",
            "Receptionist|Facilities Coordinator",
        ),
    ],
    &[
        dept(
            "Marketing",
            "CC-7010",
            "Director of Marketing",
            "Marketing Manager",
            "Marketing Specialist|Content Strategist|Event Manager",
        ),
        dept(
            "Communications",
            "CC-7020",
            "Head of Communications",
            "Communications Manager",
            "Press Officer|Social Media Manager",
        ),
        dept(
            "Design",
            "CC-7030",
            "Creative Director",
            "Design Lead",
            "Graphic Designer|Video Producer",
        ),
    ],
    &[
        dept(
            "Sales EMEA",
            "CC-8010",
            "Sales Director EMEA",
            "Regional Sales Manager",
            "Account Executive|Sales Representative|Inside Sales",
        ),
        dept(
            "Sales Americas",
            "CC-8020",
            "Sales Director Americas",
            "Regional Sales Manager",
            "Account Executive|Sales Representative|Solutions Consultant",
        ),
        dept(
            "Sales APAC",
            "CC-8030",
            "Sales Director APAC",
            "Regional Sales Manager",
            "Account Executive|Sales Representative",
        ),
        dept(
            "Customer Success",
            "CC-8040",
            "Director of Customer Success",
            "Customer Success Manager",
            "Support Engineer|Customer Success Specialist",
        ),
    ],
];

/// Display names in other scripts with the given name, surname and Latin account name they belong to.
pub static NATIVE: [(&str, &str, &str, &str); 20] = [
    ("山田 太郎", "太郎", "山田", "taro.yamada"),
    ("محمد العتيبي", "محمد", "العتيبي", "mohammed.alotaibi"),
    ("Дмитрий Соколов", "Дмитрий", "Соколов", "dmitry.sokolov"),
    ("王小明", "小明", "王", "xiaoming.wang"),
    ("김민준", "민준", "김", "minjun.kim"),
    (
        "Γιώργος Παπαδόπουλος",
        "Γιώργος",
        "Παπαδόπουλος",
        "giorgos.papadopoulos",
    ),
    ("דוד כהן", "דוד", "כהן", "david.cohen"),
    ("सुनीता शर्मा", "सुनीता", "शर्मा", "sunita.sharma"),
    ("สมชาย ใจดี", "สมชาย", "ใจดี", "somchai.jaidee"),
    ("Nguyễn Thị Hồng", "Hồng", "Nguyễn", "hong.nguyen"),
    ("Олена Коваленко", "Олена", "Коваленко", "olena.kovalenko"),
    ("佐藤 花子", "花子", "佐藤", "hanako.sato"),
    ("فاطمة الزهراء", "فاطمة", "الزهراء", "fatima.alzahra"),
    ("李 伟", "伟", "李", "wei.li"),
    (
        "Þórdís Guðmundsdóttir",
        "Þórdís",
        "Guðmundsdóttir",
        "thordis.gudmundsdottir",
    ),
    ("நந்தினி கிருஷ்ணன்", "நந்தினி", "கிருஷ்ணன்", "nandini.krishnan"),
    ("박서연", "서연", "박", "seoyeon.park"),
    ("Ивана Петровић", "Ивана", "Петровић", "ivana.petrovic"),
    ("陳美玲", "美玲", "陳", "meiling.chen"),
    ("გიორგი ბერიძე", "გიორგი", "ბერიძე", "giorgi.beridze"),
];

/// Organisations guests come from.
pub static PARTNERS: [(&str, &str); 8] = [
    ("Fabrikam", "fabrikam.example"),
    ("Northwind Traders", "northwind.example"),
    ("Adatum", "adatum.example"),
    ("Tailspin Toys", "tailspin.example"),
    ("Litware", "litware.example"),
    ("Proseware", "proseware.example"),
    ("Woodgrove Bank", "woodgrove.example"),
    ("Wide World Importers", "wwi.example"),
];

/// A Latin name as it stands in an account name.
pub fn ascii(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let plain = match c {
            'á' | 'à' | 'â' | 'ã' | 'å' | 'ą' | 'Á' => "a",
            'ä' | 'Ä' => "ae",
            'ç' | 'ć' | 'č' => "c",
            'é' | 'è' | 'ê' | 'ë' | 'ę' => "e",
            'í' | 'ì' | 'ı' => "i",
            'ł' | 'Ł' => "l",
            'ñ' | 'ń' => "n",
            'ó' | 'ò' | 'ô' | 'õ' => "o",
            'ö' | 'Ö' => "oe",
            'ř' => "r",
            'ś' | 'š' => "s",
            'ß' => "ss",
            'ú' | 'ù' => "u",
            'ü' | 'Ü' => "ue",
            'ż' | 'ź' => "z",
            c if c.is_ascii_alphanumeric() || c == '-' || c == '.' => {
                out.push(c.to_ascii_lowercase());
                continue;
            }
            _ => "",
        };
        out.push_str(plain);
    }
    out
}
